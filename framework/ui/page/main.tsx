import { render } from 'preact'
import { App } from './app.tsx'
import { start } from './store.ts'
import './style/page.css'

start()
render(<App />, document.getElementById('page')!)
